#!/usr/bin/env python3
"""Creates the flow of this repository's project with boto3.

    samples/boto3/create_flow.py PACKAGES

PACKAGES is where samples/package has put the functions.
"""

import json
import os
import sys

import boto3
from botocore.config import Config

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Name, runtime, handler, megabytes and seconds.
FUNCTIONS = [
    ("flights-intake", "python3.11", "intake.handler", 256, 30),
    ("delay-stats", "provided.al2023", "delay-stats", 128, 5),
    ("delay-summary", "nodejs20.x", "index.handler", 128, 10),
    ("alert-archive", "provided.al2023", "archive.sh", 128, 5),
    ("daily-report", "provided.al2023", "daily-report", 256, 30),
]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    session = boto3.session.Session()
    flow = Flow(session, session.client("sts").get_caller_identity()["Account"])
    role = flow.role()
    functions = {name: flow.function(role, sys.argv[1], name, *settings) for name, *settings in FUNCTIONS}
    flow.topic(functions["alert-archive"])
    flow.workflow(role)
    flow.bucket(functions["flights-intake"])
    flow.schedule(role, functions["daily-report"])
    print("the flow is there")


class Flow:
    def __init__(self, session, account):
        self.region = session.region_name
        self.account = account
        self.iam = session.client("iam")
        self.functions = session.client("lambda")
        self.s3 = session.client("s3", config=Config(s3={"addressing_style": "path"}))
        self.scheduler = session.client("scheduler")
        self.sns = session.client("sns")
        self.workflows = session.client("stepfunctions")

    def arn(self, service, resource):
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def role(self):
        services = ["lambda.amazonaws.com", "scheduler.amazonaws.com", "states.amazonaws.com"]
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": services}}
            ],
        }
        role = self.iam.create_role(RoleName="delay-report", AssumeRolePolicyDocument=json.dumps(trust))
        return role["Role"]["Arn"]

    def function(self, role, packages, name, runtime, handler, megabytes, seconds):
        with open(os.path.join(packages, f"{name}.zip"), "rb") as package:
            code = package.read()
        function = self.functions.create_function(
            FunctionName=name, Role=role, Runtime=runtime, Handler=handler, MemorySize=megabytes, Timeout=seconds,
            Code={"ZipFile": code},
            Environment={"Variables": {"STATE_MACHINE": self.arn("states", "stateMachine:delay-report")}})
        self.functions.get_waiter("function_active_v2").wait(FunctionName=name)
        return function["FunctionArn"]

    def topic(self, archive):
        """Bad days go to whoever wants to know."""
        url = self.functions.create_function_url_config(FunctionName=archive, AuthType="NONE")["FunctionUrl"]
        self.functions.add_permission(
            FunctionName=archive, StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*",
            FunctionUrlAuthType="NONE")
        topic = self.sns.create_topic(Name="delay-reports")["TopicArn"]
        self.sns.subscribe(
            TopicArn=topic, Protocol=url.split(":")[0], Endpoint=url,
            Attributes={"FilterPolicy": json.dumps({"grade": ["bad"]})})

    def workflow(self, role):
        with open(os.path.join(PROJECT, "workflows", "delay-report.asl.json")) as file:
            definition = file.read().replace("${AWS::Region}", self.region)
        self.workflows.create_state_machine(
            name="delay-report", roleArn=role, definition=definition.replace("${AWS::AccountId}", self.account))

    def bucket(self, intake):
        """What falls into the bucket starts the workflow."""
        self.s3.create_bucket(Bucket="flights")
        self.functions.add_permission(
            FunctionName=intake, StatementId="bucket", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::flights")
        rules = [{"Name": "suffix", "Value": ".csv"}]
        self.s3.put_bucket_notification_configuration(
            Bucket="flights",
            NotificationConfiguration={
                "LambdaFunctionConfigurations": [
                    {
                        "LambdaFunctionArn": intake,
                        "Events": ["s3:ObjectCreated:*"],
                        "Filter": {"Key": {"FilterRules": rules}},
                    }
                ]
            })

    def schedule(self, role, report):
        """Every morning there is a report."""
        days = {"bucket": "flights", "prefix": "reports/days/"}
        self.scheduler.create_schedule(
            Name="daily-report-EveryMorning", ScheduleExpression="cron(0 6 * * ? *)",
            ScheduleExpressionTimezone="America/New_York", FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": report, "RoleArn": role, "Input": json.dumps(days)})


if __name__ == "__main__":
    main()
