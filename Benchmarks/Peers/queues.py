"""Queues that things arrive in."""

import time

from wire import NotServed


class Queues:
    """Queues of one measurement. What has arrived is what they hold."""

    def __init__(self, cell, count=1):
        self.server = cell.server
        self.urls = [self.server.call_json("sqs", "CreateQueue", {"QueueName": f"{cell.tag}-{number}"})["QueueUrl"]
                     for number in range(count)]

    def attribute(self, url, name):
        answer = self.server.call_json("sqs", "GetQueueAttributes", {"QueueUrl": url, "AttributeNames": [name]})
        return answer["Attributes"][name]

    def arns(self):
        return [self.attribute(url, "QueueArn") for url in self.urls]

    def arrived(self):
        return sum(int(self.attribute(url, "ApproximateNumberOfMessages")) for url in self.urls)

    def arrivals(self, request, expected):
        """Sends one request, and waits until it has arrived: then all is set up. Returns what counts those to come."""
        self.server.call(request)
        deadline = time.monotonic() + 5
        while (before := self.arrived()) < expected:
            if time.monotonic() > deadline:
                raise NotServed(f"of {expected} messages {before} arrived")
            time.sleep(0.05)
        return lambda _: self.arrived() - before

    def delete(self):
        for url in self.urls:
            self.server.call_json("sqs", "DeleteQueue", {"QueueUrl": url})
