resource "aws_cloudwatch_event_bus" "shop" {
  name        = "shop"
  description = local.text
  tags        = { Text = local.text }
}

resource "aws_cloudwatch_event_rule" "orders" {
  name           = "orders"
  description    = local.text
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  state          = local.changed ? "DISABLED" : "ENABLED"
  event_pattern = jsonencode({
    source      = ["shop"]
    detail-type = local.changed ? ["placed", "cancelled"] : ["placed"]
  })
  tags = { Text = local.text }
}

resource "aws_cloudwatch_event_rule" "clock" {
  name                = "clock"
  schedule_expression = local.changed ? "rate(2 hours)" : "cron(0 6 * * ? *)"
}

resource "aws_cloudwatch_event_target" "function" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "function"
  arn            = aws_lambda_function.work.arn

  input_transformer {
    input_paths    = { order = "$.detail.order" }
    input_template = local.changed ? "{\"order\": <order>, \"again\": true}" : "{\"order\": <order>}"
  }
  retry_policy {
    maximum_event_age_in_seconds = 300
    maximum_retry_attempts       = local.changed ? 4 : 2
  }
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }
}

resource "aws_cloudwatch_event_target" "queue" {
  rule      = aws_cloudwatch_event_rule.clock.name
  target_id = "queue"
  arn       = aws_sqs_queue.jobs.arn
  input     = jsonencode({ text = local.text })
}

resource "aws_cloudwatch_event_target" "flow" {
  rule      = aws_cloudwatch_event_rule.clock.name
  target_id = "flow"
  arn       = aws_sfn_state_machine.flow.arn
  role_arn  = aws_iam_role.work.arn
}

resource "aws_cloudwatch_event_target" "endpoint" {
  rule           = aws_cloudwatch_event_rule.orders.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  target_id      = "endpoint"
  arn            = aws_cloudwatch_event_api_destination.shop.arn
  role_arn       = aws_iam_role.work.arn
}

resource "aws_cloudwatch_event_archive" "shop" {
  name             = "shop"
  description      = local.text
  event_source_arn = aws_cloudwatch_event_bus.shop.arn
  retention_days   = local.changed ? 14 : 7
}

resource "aws_cloudwatch_event_connection" "shop" {
  name               = "shop"
  description        = local.text
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-key"
      value = local.text
    }
    invocation_http_parameters {
      header {
        key             = "x-revision"
        value           = local.text
        is_value_secret = false
      }
    }
  }
}

resource "aws_cloudwatch_event_api_destination" "shop" {
  name                             = "shop"
  description                      = local.text
  connection_arn                   = aws_cloudwatch_event_connection.shop.arn
  invocation_endpoint              = "https://example.com/${var.revision}/*"
  http_method                      = local.changed ? "PUT" : "POST"
  invocation_rate_limit_per_second = local.changed ? 20 : 10
}

resource "aws_cloudwatch_event_permission" "shop" {
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  principal      = "111122223333"
  statement_id   = "other"
}

resource "aws_scheduler_schedule_group" "team" {
  name = "team"
  tags = { Text = local.text }
}

resource "aws_scheduler_schedule" "daily" {
  name                         = "daily"
  group_name                   = aws_scheduler_schedule_group.team.name
  description                  = local.text
  schedule_expression          = local.changed ? "rate(2 hours)" : "cron(0 6 * * ? *)"
  schedule_expression_timezone = "Europe/Berlin"
  state                        = local.changed ? "DISABLED" : "ENABLED"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = local.changed ? 30 : 15
  }
  target {
    arn      = aws_lambda_function.work.arn
    role_arn = aws_iam_role.work.arn
    input    = jsonencode({ text = local.text })
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
    dead_letter_config {
      arn = aws_sqs_queue.dead.arn
    }
  }
}

resource "aws_scheduler_schedule" "ordered" {
  name                = "ordered"
  schedule_expression = "rate(1 days)"

  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_sqs_queue.ordered.arn
    role_arn = aws_iam_role.work.arn
    sqs_parameters {
      message_group_id = "group"
    }
  }
}
