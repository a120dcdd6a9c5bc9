/// Documents for the scenarios of IAM.
enum IAMDocuments {
    static let all = [
        "metadata": metadata("https://idp.example.com/saml"), "certificate": certificate, "key": key,
        "lockedKey": lockedKey, "otherKey": otherKey, "root": root,
    ]

    /// Long enough for IAM.
    static func metadata(_ issuer: String, _ attributes: String = "") -> String {
        """
        <?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" \
        entityID="\(issuer)"\(attributes)><md:IDPSSODescriptor \
        protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:SingleSignOnService \
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="\(issuer)/\(
            String(repeating: "x", count: 700))"/></md:IDPSSODescriptor></md:EntityDescriptor>
        """
    }

    /// For www.example.com, good until the begin of 2036-11-22, issued by the root.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBGDCBvwIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3Qw
        HhcNMjYxMTIzMDI1MzQ4WhcNMzYxMTIyMDI1MzQ4WjAaMRgwFgYDVQQDDA93d3cu
        ZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARp3ZThnh2NdR4Z
        aLI5HXmqlO4dI612/QrZqyS9f7RSaSfiFE/Rse62nLivJQRNiQ+fLR7HFIItaL9R
        nNkQeBT4MAoGCCqGSM49BAMCA0gAMEUCIQDLvfBGmcy1ox1XRKmD6jslzYzvGI2J
        P7QVEjlXb5YQvwIgfN5/HI36L0K/3ZNF+coqoDPzgwUwff7mNwumgD3teK4=
        -----END CERTIFICATE-----
        """

    private static let key = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIB/bj6bAX+DKs957+cUoJjFuQqP7FrG7hLpzD+23s4VUoAoGCCqGSM49
        AwEHoUQDQgAEad2U4Z4djXUeGWiyOR15qpTuHSOtdv0K2askvX+0Umkn4hRP0bHu
        tpy4ryUETYkPny0exxSCLWi/UZzZEHgU+A==
        -----END EC PRIVATE KEY-----
        """

    /// The same key under a password.
    private static let lockedKey = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiHBu43aRzRuQICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEECc56XlBdCXX0OxvFY1dltcEgZB/
        4ppBsGVy4Le9GJTSrprTjXwW9zm4pq5nZr7aRrKdAKJIievXJXzEHjCl5+KTut8d
        9SOEXkQ44CFLytzfkaWQm3l+B1ySKxQPGW7Dsa5k5OlMdnEkddLq3Xk9lAbm/sCf
        WJBhfep5hwNUZOeRP2DasWpI9KT2iSC4lEjD1PR3cLfmru0Y88LJNaLXi/eTuKQ=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    private static let otherKey = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIA71yNMMDfltXAiPIKr09VvXT2ODAqNIGfPUWar2b4+foAoGCCqGSM49
        AwEHoUQDQgAEfZdyFXnI7tbEUYbieLMOkQ4fWtYIn8Re95iQss64PpNdjUG+w3Kc
        gx5StiYdc88xfrpS8jwRA7mQun97YIMMaA==
        -----END EC PRIVATE KEY-----
        """

    private static let root = """
        -----BEGIN CERTIFICATE-----
        MIIBhDCCASugAwIBAgIUL3jMUCaI6BvHq+2IsaKBDEZOi0owCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MCAXDTI2MTEyMzAyNTM0OFoYDzIxMjYx
        MDMwMDI1MzQ4WjAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAATCJEQtpp9Lbf2bnKqx5KgzazR1rm4PIUMrU4npoaAlsy0F
        UvIytBJ21y7+RhvG7c5d7TFeZZgr5MZY6Qf+G8NIo1MwUTAdBgNVHQ4EFgQU5mFE
        0F/QhLtD7LPdM5BAOV19zxAwHwYDVR0jBBgwFoAU5mFE0F/QhLtD7LPdM5BAOV19
        zxAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiBgiX55NMuATgfu
        TCwYXlqi5aNix59AhClehB5mspl2XQIgCQkfoSznTYKiZnzmyLz4//MIKDFXs0xu
        Qu4PZxA5iyM=
        -----END CERTIFICATE-----
        """
}
