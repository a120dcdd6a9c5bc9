locals {
  metadata = <<-XML
    <EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/${var.revision}">
      <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
        <SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
          Location="https://idp.example.com/${join("/", [for part in range(300) : part])}"/>
      </IDPSSODescriptor>
    </EntityDescriptor>
  XML
}

resource "aws_iam_saml_provider" "crew" {
  name                   = "crew"
  saml_metadata_document = local.metadata
  tags                   = { Text = local.text }
}

resource "aws_iam_openid_connect_provider" "builds" {
  url             = "https://tokens.example.com/builds"
  client_id_list  = local.changed ? ["sts.amazonaws.com", "deploy"] : ["sts.amazonaws.com"]
  thumbprint_list = [local.changed ? "ffffffffffffffffffffffffffffffffffffffff" : "0000000000000000000000000000000000000000"]
  tags            = { Text = local.text }
}

# For www.example.com, of a root that nobody trusts.
resource "aws_iam_server_certificate" "web" {
  name             = "web"
  path             = local.changed ? "/web/" : "/"
  certificate_body = <<-PEM
    -----BEGIN CERTIFICATE-----
    MIIBGDCBvwIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3Qw
    HhcNMjYxMTIzMDI1MzQ4WhcNMzYxMTIyMDI1MzQ4WjAaMRgwFgYDVQQDDA93d3cu
    ZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARp3ZThnh2NdR4Z
    aLI5HXmqlO4dI612/QrZqyS9f7RSaSfiFE/Rse62nLivJQRNiQ+fLR7HFIItaL9R
    nNkQeBT4MAoGCCqGSM49BAMCA0gAMEUCIQDLvfBGmcy1ox1XRKmD6jslzYzvGI2J
    P7QVEjlXb5YQvwIgfN5/HI36L0K/3ZNF+coqoDPzgwUwff7mNwumgD3teK4=
    -----END CERTIFICATE-----
  PEM
  private_key      = <<-PEM
    -----BEGIN EC PRIVATE KEY-----
    MHcCAQEEIB/bj6bAX+DKs957+cUoJjFuQqP7FrG7hLpzD+23s4VUoAoGCCqGSM49
    AwEHoUQDQgAEad2U4Z4djXUeGWiyOR15qpTuHSOtdv0K2askvX+0Umkn4hRP0bHu
    tpy4ryUETYkPny0exxSCLWi/UZzZEHgU+A==
    -----END EC PRIVATE KEY-----
  PEM
  tags             = { Text = local.text }
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length = local.changed ? 14 : 12
  require_symbols         = true
  max_password_age        = 90
}

resource "aws_iam_user_login_profile" "ann" {
  user = aws_iam_user.ann.name
}
