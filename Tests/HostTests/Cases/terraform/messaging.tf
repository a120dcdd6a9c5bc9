resource "aws_sqs_queue" "dead" {
  name                      = "dead"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = local.changed ? 60 : 30
  delay_seconds              = local.changed ? 5 : 0
  receive_wait_time_seconds  = 2
  sqs_managed_sse_enabled    = true
  tags                       = { Text = local.text }
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = local.changed ? 5 : 3
  })
}

resource "aws_sqs_queue" "ordered" {
  name                        = "ordered.fifo"
  fifo_queue                  = true
  content_based_deduplication = local.changed
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.jobs.arn]
  })
}

data "aws_iam_policy_document" "jobs" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.jobs.arn]
    principals {
      type        = "Service"
      identifiers = local.changed ? ["sns.amazonaws.com", "events.amazonaws.com"] : ["sns.amazonaws.com"]
    }
  }
}

resource "aws_sqs_queue_policy" "jobs" {
  queue_url = aws_sqs_queue.jobs.id
  policy    = data.aws_iam_policy_document.jobs.json
}

resource "aws_sqs_queue" "other" {
  name = "other"
}

resource "aws_sqs_queue_redrive_policy" "other" {
  queue_url = aws_sqs_queue.other.id
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.jobs.arn
    maxReceiveCount     = local.changed ? 8 : 4
  })
}

resource "aws_sns_topic" "news" {
  name         = "news"
  display_name = local.text
  tags         = { Text = local.text }
}

resource "aws_sns_topic" "ordered" {
  name                        = "ordered.fifo"
  fifo_topic                  = true
  content_based_deduplication = local.changed
}

data "aws_iam_policy_document" "news" {
  statement {
    actions   = local.changed ? ["sns:Publish", "sns:Subscribe"] : ["sns:Publish"]
    resources = [aws_sns_topic.news.arn]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

resource "aws_sns_topic_policy" "news" {
  arn    = aws_sns_topic.news.arn
  policy = data.aws_iam_policy_document.news.json
}

resource "aws_sns_topic_subscription" "jobs" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.jobs.arn
  raw_message_delivery = local.changed
  filter_policy        = jsonencode({ kind = local.changed ? ["good", "bad"] : ["good"] })
  redrive_policy       = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn })
}

resource "aws_sns_topic_subscription" "function" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "lambda"
  endpoint  = aws_lambda_function.work.arn
}
