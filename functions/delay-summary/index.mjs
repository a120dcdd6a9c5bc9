// Turns the numbers of all carriers into one summary with a grade and a table.

export async function handler({ day, carriers }) {
  const measured = carriers.filter((carrier) => carrier.rating !== "unmeasured");
  const sum = (field) => measured.reduce((total, carrier) => total + carrier.stats[field], 0);
  const flights = sum("flights");
  const late = sum("late");
  const lateShare = flights > 0 ? late / flights : 0;
  const table = [...measured]
    .sort((a, b) => b.stats.lateShare - a.stats.lateShare)
    .map(({ stats, rating }) =>
      `${stats.carrier}  ${String(stats.flights).padStart(5)} flights  ` +
      `${(stats.lateShare * 100).toFixed(1).padStart(5)} % late  ${rating}`);
  return {
    day,
    grade: lateShare > 0.25 ? "bad" : "good",
    flights,
    cancelled: sum("cancelled"),
    late,
    lateShare: Number(lateShare.toFixed(3)),
    worst: measured.reduce(
      (worst, { stats }) => (stats.worst.minutes > worst.minutes ? { carrier: stats.carrier, ...stats.worst } : worst),
      { minutes: 0 }),
    table: table.join("\n"),
  };
}
