resource "aws_kms_key" "data" {
  description             = local.text
  deletion_window_in_days = 7
  enable_key_rotation     = local.changed
  rotation_period_in_days = local.changed ? 90 : null
  tags                    = { Text = local.text }
}

resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 7
  is_enabled               = !local.changed
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = local.text
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::000000000000:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "data" {
  name          = "alias/acceptance-data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_kms_grant" "data" {
  key_id            = aws_kms_key.data.key_id
  grantee_principal = "arn:aws:iam::000000000000:role/acceptance"
  operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
}

resource "aws_kms_ciphertext" "data" {
  key_id    = aws_kms_key.data.key_id
  plaintext = "text"
  context   = { of = "acceptance" }
}

resource "aws_cloudwatch_log_group" "encrypted" {
  name       = "/acceptance/encrypted"
  kms_key_id = local.changed ? null : aws_kms_key.data.arn
}

resource "aws_s3_bucket" "encrypted" {
  bucket        = "acceptance-encrypted"
  force_destroy = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "encrypted" {
  bucket = aws_s3_bucket.encrypted.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
    bucket_key_enabled = local.changed
  }
}

resource "aws_s3_object" "encrypted" {
  bucket     = aws_s3_bucket.encrypted.id
  key        = "text"
  content    = local.text
  depends_on = [aws_s3_bucket_server_side_encryption_configuration.encrypted]
}
