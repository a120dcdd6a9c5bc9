#!/bin/sh
# The event is an HTTP request in payload format 2.0. Its body is kept under reports/alerts/ of the bucket, named by the request.
# A topic that asks whether it may send is answered by calling the address that it names.
set -eu
event=$(cat)
case $event in *'"x-amz-sns-message-type":"SubscriptionConfirmation"'*)
    address=$(printf '%s' "$event" | sed -n 's/.*\\"SubscribeURL\\" *: *\\"\([^"\\]*\)\\".*/\1/p')
    curl --silent --show-error --fail "$address" > /dev/null
    printf '{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"confirmed"}'
    exit 0
    ;;
esac
id=$(printf '%s' "$event" | sed -n 's/.*"requestId":"\([^"]*\)".*/\1/p')
printf '%s' "$event" > "/tmp/alert-$$.json"
curl --silent --show-error --fail --upload-file "/tmp/alert-$$.json" \
    "$AWS_ENDPOINT_URL/flights/reports/alerts/$id.json" > /dev/null
rm -f "/tmp/alert-$$.json"
printf '{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"kept"}'
