# The flow of this repository's project, created by Terraform.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.0" }
  }
}

provider "aws" {
  s3_use_path_style = true
}

variable "packages" {
  description = "Where samples/package has put the functions."
  type        = string
}

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}

locals {
  region  = data.aws_region.this.name
  account = data.aws_caller_identity.this.account_id
  project = "${path.module}/../.."
}

resource "aws_iam_role" "flow" {
  name = "delay-report"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"] }
    }]
  })
}

# What falls into the bucket starts the workflow.

resource "aws_s3_bucket" "flights" {
  bucket        = "flights"
  force_destroy = true
}

resource "aws_s3_bucket_notification" "flights" {
  bucket = aws_s3_bucket.flights.id

  lambda_function {
    lambda_function_arn = aws_lambda_function.flow["flights-intake"].arn
    events              = ["s3:ObjectCreated:*"]
    filter_suffix       = ".csv"
  }
  depends_on = [aws_lambda_permission.bucket]
}

resource "aws_lambda_permission" "bucket" {
  statement_id  = "bucket"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.flow["flights-intake"].function_name
  principal     = "s3.amazonaws.com"
  source_arn    = aws_s3_bucket.flights.arn
}

resource "aws_sfn_state_machine" "delay_report" {
  name     = "delay-report"
  role_arn = aws_iam_role.flow.arn
  definition = replace(replace(
    file("${local.project}/workflows/delay-report.asl.json"),
  "$${AWS::Region}", local.region), "$${AWS::AccountId}", local.account)
  depends_on = [aws_lambda_function.flow]
}

# Bad days go to whoever wants to know.

resource "aws_sns_topic" "delay_reports" {
  name = "delay-reports"
}

resource "aws_lambda_function_url" "alerts" {
  function_name      = aws_lambda_function.flow["alert-archive"].function_name
  authorization_type = "NONE"
}

resource "aws_sns_topic_subscription" "bad_days" {
  topic_arn              = aws_sns_topic.delay_reports.arn
  protocol               = split(":", aws_lambda_function_url.alerts.function_url)[0]
  endpoint               = aws_lambda_function_url.alerts.function_url
  endpoint_auto_confirms = true
  filter_policy          = jsonencode({ grade = ["bad"] })
}

# Every morning there is a report.

resource "aws_scheduler_schedule" "every_morning" {
  name                         = "daily-report-EveryMorning"
  schedule_expression          = "cron(0 6 * * ? *)"
  schedule_expression_timezone = "America/New_York"

  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.flow["daily-report"].arn
    role_arn = aws_iam_role.flow.arn
    input    = jsonencode({ bucket = aws_s3_bucket.flights.id, prefix = "reports/days/" })
  }
}
