data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "work" {
  statement {
    actions   = local.changed ? ["sqs:SendMessage", "sns:Publish"] : ["sqs:SendMessage"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "work" {
  name                 = "work"
  path                 = "/team/"
  description          = local.text
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  max_session_duration = local.changed ? 7200 : 3600
  permissions_boundary = local.changed ? aws_iam_policy.work.arn : null
  tags                 = { Text = local.text }
}

resource "aws_iam_role_policy" "work" {
  name   = "inline"
  role   = aws_iam_role.work.id
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_policy" "work" {
  name        = "work"
  description = "What the work needs"
  policy      = data.aws_iam_policy_document.work.json
}

resource "aws_iam_role_policy_attachment" "own" {
  role       = aws_iam_role.work.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.work.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_instance_profile" "work" {
  name = "work"
  role = aws_iam_role.work.name
}

resource "aws_iam_user" "ann" {
  name = local.changed ? "anna" : "ann"
  path = "/team/"
}

resource "aws_iam_user_policy" "ann" {
  name   = "inline"
  user   = aws_iam_user.ann.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_user_policy_attachment" "ann" {
  user       = aws_iam_user.ann.name
  policy_arn = aws_iam_policy.work.arn
}

resource "aws_iam_access_key" "ann" {
  user   = aws_iam_user.ann.name
  status = local.changed ? "Inactive" : "Active"
}

resource "aws_iam_group" "crew" {
  name = "crew"
  path = local.changed ? "/crews/" : "/"
}

resource "aws_iam_group_policy" "crew" {
  name   = "inline"
  group  = aws_iam_group.crew.name
  policy = data.aws_iam_policy_document.work.json
}

resource "aws_iam_group_policy_attachment" "crew" {
  group      = aws_iam_group.crew.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
}

resource "aws_iam_group_membership" "crew" {
  name  = "crew"
  group = aws_iam_group.crew.name
  users = [aws_iam_user.ann.name]
}

resource "aws_iam_service_linked_role" "batch" {
  aws_service_name = "batch.amazonaws.com"
  description      = local.text
}

resource "aws_iam_account_alias" "this" {
  account_alias = local.changed ? "acceptance-two" : "acceptance-one"
}
