import Testing

@testable import millrace

@Suite struct StartUpMemoryTests {
    @Test func onlyCodeAndItsConstantsAreGivenBack() {
        let maps = """
            5645dda8d000-5645de232000 r--p 00000000 fe:00 1837 /usr/bin/millrace
            5645de232000-5645df946000 r-xp 007a4000 fe:00 1837 /usr/bin/millrace
            5645df946000-5645dfa4c000 r--p 01eb7000 fe:00 1837 /usr/bin/millrace
            5645dfa4c000-5645dfd86000 rw-p 01fbc000 fe:00 1837 /usr/bin/millrace
            7f2a0eec5000-7f2a0f142000 r-xp 00000000 fe:00 99 /usr/lib/a library.so
            7f2a0f142000-7f2a0f143000 rwxp 00000000 00:00 0
            7ffd1b5c8000-7ffd1b5ca000 r-xp 00000000 00:00 0 [vdso]
            nonsense
            """
        #expect(
            StartUpMemory.regions(maps) == [
                0x5645_dda8_d000..<0x5645_de23_2000, 0x5645_de23_2000..<0x5645_df94_6000,
                0x7f2a_0eec_5000..<0x7f2a_0f14_2000,
            ])
    }

    @Test func theProgramGoesOn() async {
        await StartUpMemory.giveBack()
        #expect([3, 1, 2].sorted() == [1, 2, 3])
    }
}
