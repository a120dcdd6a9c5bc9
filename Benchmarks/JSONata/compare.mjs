// Runs the mix of expressions.json through this project and through the reference (jsonata 2.x) on the same Node, one
// after the other for every expression, and prints how many times faster the project is.
//
//     swift build -c release --product JSONataBenchmark
//     JSONATA_REFERENCE=/path/to/jsonata node Benchmarks/JSONata/compare.mjs
//
// The reference is a checkout of github.com/jsonata-js/jsonata. BENCHMARK names the executable when it is not at
// .build/release/JSONataBenchmark; SECONDS_EACH is the time for each measurement (0.3), ROUNDS their number (3).

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const executable = process.env.BENCHMARK ?? join(here, "../../.build/release/JSONataBenchmark");
const reference = process.env.JSONATA_REFERENCE;
if (!reference || !existsSync(join(reference, "src/jsonata.js"))) {
    console.log("JSONATA_REFERENCE does not name a checkout of the reference; nothing is compared");
    process.exit(0);
}
const jsonata = createRequire(import.meta.url)(join(reference, "src/jsonata.js"));
const seconds = Number(process.env.SECONDS_EACH ?? 0.3);
const rounds = Number(process.env.ROUNDS ?? 3);
const only = process.argv[2];

// The same numbers in every run.
let state = 12345;
const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
const pick = (list) => list[Math.floor(random() * list.length)];
const whole = (most) => Math.floor(random() * most);

function order(number) {
    const first = pick(["anna", "bob", "carla", "dmitri", "eve", "farid", "greta"]);
    const last = pick(["abel", "berg", "costa", "dahl", "eriksen", "fischer"]);
    const items = Array.from({ length: 1 + whole(5) }, () => ({
        sku: "SKU-" + whole(100000), name: pick(["Bolt", "Cog", "Flange", "Gear", "Spring"]) + " " + whole(100),
        price: Math.round(random() * 10000) / 100, quantity: 1 + whole(9), discount: whole(3),
    }));
    return {
        id: "order-" + number, status: pick(["new", "paid", "shipped", "returned"]),
        customer: {
            name: first + " " + last, email: first + "." + last + pick(["@example.com", "@example.org", "@mail.net"]),
            city: pick(["Oslo", "Lima", "Pune", "Kyoto", "Bergen", "Porto", "Quito", "Leeds"]),
        },
        total: Math.round(items.reduce((sum, item) => sum + item.price * item.quantity, 0) * 100) / 100,
        created: new Date(1600000000000 + number * 7919000).toISOString(), items,
        note: "Please leave the parcel at the door if nobody answers the bell",
    };
}

const large = { orders: [] };
while (JSON.stringify(large).length < 1000000) {
    for (let count = 0; count < 50; count++) large.orders.push(order(large.orders.length));
}
const small = { name: "anna", price: 12.5, quantity: 4, customer: { address: { city: "Oslo" } } };
const inputs = { large, small };
const expressions = JSON.parse(readFileSync(join(here, "expressions.json")));
const folder = mkdtempSync(join(tmpdir(), "jsonata-"));
const inputsPath = join(folder, "inputs.json");
writeFileSync(inputsPath, JSON.stringify(inputs));

async function measureReference({ expression, input, bindings }) {
    const compiled = jsonata(expression);
    const data = inputs[input ?? "large"];
    const result = await compiled.evaluate(data, bindings);
    const end = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9));
    let best = Infinity;
    let batch = 1;
    do {
        const start = process.hrtime.bigint();
        for (let count = 0; count < batch; count++) await compiled.evaluate(data, bindings);
        const taken = Number(process.hrtime.bigint() - start);
        best = Math.min(best, taken / batch);
        if (taken < 1e6) batch *= 2;
    } while (process.hrtime.bigint() < end);
    return { nanoseconds: best, result };
}

function measureOwn(name) {
    const path = join(here, "expressions.json");
    const options = { maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"] };
    const output = execFileSync(executable, [path, inputsPath, name, String(seconds)], options);
    return JSON.parse(output);
}

const plain = (value) => (value === undefined ? null : JSON.parse(JSON.stringify(value)));
const ratios = [];
console.log(`input ${(JSON.stringify(large).length / 1e6).toFixed(2)} MB, ${large.orders.length} orders; Node ${process.version}`);
console.log("expression".padEnd(30) + "reference µs".padStart(14) + "own µs".padStart(12) + "times".padStart(9));
for (const each of expressions) {
    if (only && !each.name.includes(only)) continue;
    let theirs = Infinity;
    let ours = Infinity;
    let same = true;
    for (let round = 0; round < rounds; round++) {
        const own = measureOwn(each.name);
        const other = await measureReference(each);
        ours = Math.min(ours, own.nanoseconds);
        theirs = Math.min(theirs, other.nanoseconds);
        same = same && isDeepStrictEqual(plain(other.result), own.result);
    }
    ratios.push(theirs / ours);
    const figures = [(theirs / 1000).toFixed(1).padStart(14), (ours / 1000).toFixed(1).padStart(12)];
    console.log(each.name.padEnd(30) + figures.join("") + (theirs / ours).toFixed(1).padStart(9) + (same ? "" : "  results differ"));
}
rmSync(folder, { recursive: true });
const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
console.log(`${ratios.length} expressions: geometric mean ${mean.toFixed(1)} times, least ${Math.min(...ratios).toFixed(1)} times`);
