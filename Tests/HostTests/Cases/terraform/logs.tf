resource "aws_cloudwatch_log_group" "work" {
  name              = "/acceptance/work"
  retention_in_days = local.changed ? 14 : 7
  tags              = { Text = local.text }
}

resource "aws_cloudwatch_log_stream" "work" {
  name           = "stream"
  log_group_name = aws_cloudwatch_log_group.work.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  log_group_name = aws_cloudwatch_log_group.work.name
  pattern        = local.changed ? "{ $.level = \"ERROR\" }" : "ERROR"

  metric_transformation {
    name          = "Errors"
    namespace     = "Acceptance"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_subscription_filter" "work" {
  name            = "work"
  log_group_name  = aws_cloudwatch_log_group.work.name
  destination_arn = aws_lambda_function.work.arn
  filter_pattern  = local.changed ? "WARN" : "ERROR"
  depends_on      = [aws_lambda_permission.logs]
}

resource "aws_lambda_permission" "logs" {
  statement_id  = "logs"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.work.function_name
  principal     = "logs.amazonaws.com"
  source_arn    = "${aws_cloudwatch_log_group.work.arn}:*"
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = local.changed ? ["logs:PutLogEvents", "logs:CreateLogStream"] : ["logs:PutLogEvents"]
    resources = ["*"]
    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  policy_name     = "events"
  policy_document = data.aws_iam_policy_document.logs.json
}

resource "aws_cloudwatch_log_destination" "out" {
  name       = "out"
  role_arn   = aws_iam_role.work.arn
  target_arn = "arn:aws:kinesis:us-east-1:000000000000:stream/logs"
  tags       = { Text = local.text }
}
