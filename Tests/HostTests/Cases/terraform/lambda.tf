resource "aws_lambda_function" "work" {
  function_name                  = "work"
  description                    = local.text
  role                           = aws_iam_role.work.arn
  runtime                        = "python3.12"
  handler                        = "app.handler"
  filename                       = "${path.module}/function-${var.revision}.zip"
  source_code_hash               = filebase64sha256("${path.module}/function-${var.revision}.zip")
  memory_size                    = local.changed ? 256 : 128
  timeout                        = local.changed ? 20 : 10
  publish                        = true
  reserved_concurrent_executions = local.changed ? 5 : -1
  layers                         = [aws_lambda_layer_version.shared.arn]
  tags                           = { Text = local.text }

  environment {
    variables = { TEXT = local.text }
  }
  dead_letter_config {
    target_arn = aws_sqs_queue.dead.arn
  }
  tracing_config {
    mode = local.changed ? "Active" : "PassThrough"
  }
  logging_config {
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.work.name
    application_log_level = "INFO"
    system_log_level      = local.changed ? "WARN" : "INFO"
  }
  ephemeral_storage {
    size = local.changed ? 1024 : 512
  }
}

resource "aws_lambda_layer_version" "shared" {
  layer_name          = "shared"
  description         = local.text
  filename            = "${path.module}/layer.zip"
  compatible_runtimes = ["python3.12"]
}

resource "aws_lambda_layer_version_permission" "shared" {
  layer_name     = aws_lambda_layer_version.shared.layer_name
  version_number = aws_lambda_layer_version.shared.version
  principal      = "*"
  action         = "lambda:GetLayerVersion"
  statement_id   = "everyone"
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = local.text
  function_name    = aws_lambda_function.work.function_name
  function_version = aws_lambda_function.work.version

  dynamic "routing_config" {
    for_each = local.changed ? [1] : []
    content {
      additional_version_weights = { "1" = 0.25 }
    }
  }
}

resource "aws_lambda_function_url" "live" {
  function_name      = aws_lambda_function.work.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = local.changed ? "AWS_IAM" : "NONE"
  invoke_mode        = local.changed ? "RESPONSE_STREAM" : "BUFFERED"

  cors {
    allow_origins = ["https://example.com"]
    allow_methods = ["GET"]
    max_age       = local.changed ? 60 : 30
  }
}

resource "aws_lambda_permission" "bucket" {
  statement_id  = "bucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.work.function_name
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.files.arn
}

resource "aws_lambda_permission" "rule" {
  statement_id  = "rule"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.work.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.orders.arn
}

resource "aws_lambda_event_source_mapping" "jobs" {
  event_source_arn                   = aws_sqs_queue.jobs.arn
  function_name                      = aws_lambda_alias.live.arn
  batch_size                         = local.changed ? 5 : 10
  maximum_batching_window_in_seconds = local.changed ? 2 : 0
  enabled                            = !local.changed
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = { Text = local.text }

  scaling_config {
    maximum_concurrency = 2
  }
  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = [local.text] } })
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "work" {
  function_name                = aws_lambda_function.work.function_name
  maximum_retry_attempts       = local.changed ? 0 : 2
  maximum_event_age_in_seconds = local.changed ? 60 : 600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead.arn
    }
    dynamic "on_success" {
      for_each = local.changed ? [1] : []
      content {
        destination = aws_sns_topic.news.arn
      }
    }
  }
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  function_name                     = aws_lambda_function.work.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = local.changed ? 2 : 1
}

resource "aws_lambda_function_recursion_config" "work" {
  function_name  = aws_lambda_function.work.function_name
  recursive_loop = local.changed ? "Allow" : "Terminate"
}

resource "aws_lambda_runtime_management_config" "work" {
  function_name     = aws_lambda_function.work.function_name
  update_runtime_on = local.changed ? "FunctionUpdate" : "Auto"
}
