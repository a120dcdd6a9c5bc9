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
