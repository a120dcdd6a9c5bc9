output "region" {
  value = data.aws_region.this.name
}

output "endpoint" {
  value = aws_lambda_function_url.live.function_url
}
