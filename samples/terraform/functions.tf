locals {
  functions = {
    flights-intake = { runtime = "python3.11", handler = "intake.handler", memory = 256, timeout = 30 }
    delay-stats    = { runtime = "provided.al2023", handler = "delay-stats", memory = 128, timeout = 5 }
    delay-summary  = { runtime = "nodejs20.x", handler = "index.handler", memory = 128, timeout = 10 }
    alert-archive  = { runtime = "provided.al2023", handler = "archive.sh", memory = 128, timeout = 5 }
    daily-report   = { runtime = "provided.al2023", handler = "daily-report", memory = 256, timeout = 30 }
  }
}

resource "aws_lambda_function" "flow" {
  for_each = local.functions

  function_name    = each.key
  role             = aws_iam_role.flow.arn
  runtime          = each.value.runtime
  handler          = each.value.handler
  memory_size      = each.value.memory
  timeout          = each.value.timeout
  filename         = "${var.packages}/${each.key}.zip"
  source_code_hash = filebase64sha256("${var.packages}/${each.key}.zip")

  environment {
    variables = { STATE_MACHINE = "arn:aws:states:${local.region}:${local.account}:stateMachine:delay-report" }
  }
}
