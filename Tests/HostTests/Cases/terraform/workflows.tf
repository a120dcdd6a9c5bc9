locals {
  definition = jsonencode({
    StartAt = "Work"
    States = {
      Work = {
        Type     = "Task"
        Resource = aws_lambda_function.work.arn
        Comment  = local.text
        End      = true
      }
    }
  })
}

resource "aws_sfn_state_machine" "flow" {
  name       = "flow"
  role_arn   = aws_iam_role.work.arn
  definition = local.definition
  publish    = true
  tags       = { Text = local.text }

  logging_configuration {
    level                  = local.changed ? "ALL" : "ERROR"
    include_execution_data = local.changed
    log_destination        = "${aws_cloudwatch_log_group.work.arn}:*"
  }
  tracing_configuration {
    enabled = local.changed
  }
}

resource "aws_sfn_state_machine" "quick" {
  name       = "quick"
  role_arn   = aws_iam_role.work.arn
  type       = "EXPRESS"
  definition = local.definition
}

resource "aws_sfn_alias" "live" {
  name        = "live"
  description = local.text
  routing_configuration {
    state_machine_version_arn = aws_sfn_state_machine.flow.state_machine_version_arn
    weight                    = 100
  }
}

resource "aws_sfn_activity" "desk" {
  name = "desk"
  tags = { Text = local.text }
}
