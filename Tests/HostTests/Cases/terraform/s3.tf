resource "aws_s3_bucket" "files" {
  bucket        = "acceptance-files"
  force_destroy = true
  tags          = { Text = local.text }
}

resource "aws_s3_bucket_versioning" "files" {
  bucket = aws_s3_bucket.files.id
  versioning_configuration {
    status = local.changed ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_cors_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  cors_rule {
    allowed_methods = local.changed ? ["GET", "PUT"] : ["GET"]
    allowed_origins = ["https://example.com"]
    max_age_seconds = 30
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {
      prefix = "logs/"
    }
    expiration {
      days = local.changed ? 60 : 30
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }
  rule {
    id     = "unfinished"
    status = local.changed ? "Disabled" : "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }
}

resource "aws_s3_bucket_ownership_controls" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    object_ownership = local.changed ? "BucketOwnerPreferred" : "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "files" {
  bucket                  = aws_s3_bucket.files.id
  block_public_acls       = true
  block_public_policy     = local.changed
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_bucket_server_side_encryption_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  rule {
    bucket_key_enabled = local.changed
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

data "aws_iam_policy_document" "files" {
  statement {
    actions   = local.changed ? ["s3:GetObject", "s3:PutObject"] : ["s3:GetObject"]
    resources = ["${aws_s3_bucket.files.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_s3_bucket_policy" "files" {
  bucket     = aws_s3_bucket.files.id
  policy     = data.aws_iam_policy_document.files.json
  depends_on = [aws_s3_bucket_public_access_block.files]
}

resource "aws_s3_bucket_website_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  index_document {
    suffix = local.changed ? "start.html" : "index.html"
  }
  error_document {
    key = "error.html"
  }
}

resource "aws_s3_bucket_notification" "files" {
  bucket = aws_s3_bucket.files.id

  lambda_function {
    lambda_function_arn = aws_lambda_function.work.arn
    events              = ["s3:ObjectCreated:*"]
    filter_suffix       = local.changed ? ".json" : ".csv"
  }
  queue {
    queue_arn = aws_sqs_queue.jobs.arn
    events    = ["s3:ObjectRemoved:*"]
  }
  topic {
    topic_arn     = aws_sns_topic.news.arn
    events        = ["s3:ObjectTagging:*"]
    filter_prefix = "news/"
  }
  depends_on = [aws_lambda_permission.bucket, aws_sqs_queue_policy.jobs, aws_sns_topic_policy.news]
}

resource "aws_s3_object" "readme" {
  bucket       = aws_s3_bucket.files.id
  key          = "docs/read me.txt"
  content      = local.text
  content_type = "text/plain"
  metadata     = { revision = tostring(var.revision) }
  tags         = { Text = local.text }
  depends_on   = [aws_s3_bucket_versioning.files]
}

resource "aws_s3_bucket" "logs" {
  bucket        = "acceptance-logs"
  force_destroy = local.changed
}

resource "aws_s3_bucket_logging" "files" {
  bucket        = aws_s3_bucket.files.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = local.changed ? "two/" : "one/"
}
