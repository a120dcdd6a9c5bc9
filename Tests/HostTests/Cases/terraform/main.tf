# Every serverless resource of the provider that the host answers, in two revisions.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true

  default_tags {
    tags = { Project = "acceptance" }
  }
}

variable "revision" {
  type    = number
  default = 1
}

# Changed resources differ between the revisions.
locals {
  changed = var.revision > 1
  text    = "revision ${var.revision}"
}

data "aws_caller_identity" "this" {}
data "aws_region" "this" {}
