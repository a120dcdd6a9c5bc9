import AWSModels
import Core
import Foundation
import Gateway
import Services
import Testing
import Wire

/// The programs that people use, against a live gateway. Left out, with a word, where they are not installed.
@Suite(.serialized) struct RealClientTests {
    private static func has(_ command: String) -> Bool { run(command, [:]).status == 0 }

    static let hasAWS = has("aws --version")
    static let hasBoto = has("python3 -c 'import boto3'")

    private static func run(_ command: String, _ environment: [String: String]) -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        guard (try? process.run()) != nil else { return (-1, "") }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    private static func answers(_ command: String) async throws -> (status: Int32, output: String) {
        var configuration = GatewayConfiguration()
        configuration.port = 0
        configuration.credentials = StaticCredentials([
            Credentials(accessKeyID: "123456789012", secretAccessKey: "secret")
        ])
        let sts = STSProvider(clock: SystemClock(), random: SystemRandomSource())
        let gateway = Gateway(
            configuration, services: [STS.service(sts), S3.service(MemoryObjects()), SQS.service(EchoQueue())])
        let port = try await gateway.start()
        let answer = run(
            command,
            [
                "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "123456789012",
                "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_PAGER": "",
                "AWS_EC2_METADATA_DISABLED": "true",
            ])
        await gateway.stop()
        return answer
    }

    @Test("the aws command asks who it is", .enabled(if: hasAWS, "the aws command is not installed"))
    func identity() async throws {
        let answer = try await Self.answers("aws sts get-caller-identity --query Arn --output text")
        #expect(answer.output == "arn:aws:iam::123456789012:root\n")
    }

    private static let boto = """
        import boto3, urllib.request, urllib.error
        from botocore.config import Config
        sts = boto3.client('sts')
        role = sts.assume_role(RoleArn='arn:aws:iam::111122223333:role/r', RoleSessionName='session')
        print(role['AssumedRoleUser']['Arn'])
        s3 = boto3.client('s3', config=Config(signature_version='s3v4', s3={'addressing_style': 'path'}))
        for extra in ({}, {'ChecksumAlgorithm': 'SHA256'}, {'ChecksumAlgorithm': 'CRC32'}):
            s3.put_object(Bucket='b', Key='k/ü +%?', Body=b'x' * 700000, **extra)
        print(len(s3.get_object(Bucket='b', Key='k/ü +%?')['Body'].read()))
        url = s3.generate_presigned_url('get_object', Params={'Bucket': 'b', 'Key': 'k/ü +%?'}, ExpiresIn=60)
        print(len(urllib.request.urlopen(url).read()))
        try:
            urllib.request.urlopen(url[:-4] + '0000')
        except urllib.error.HTTPError as error:
            print(error.code, b'SignatureDoesNotMatch' in error.read())
        sqs = boto3.client('sqs')
        try:
            sqs.send_message(QueueUrl='http://h/1/none', MessageBody='b')
        except sqs.exceptions.QueueDoesNotExist as error:
            print(error.response['Error']['Code'])
        """

    @Test("boto3 signs, streams and presigns", .enabled(if: hasBoto, "boto3 is not installed"))
    func python() async throws {
        let answer = try await Self.answers("python3 - <<'END'\n\(Self.boto)\nEND")
        #expect(
            answer.output == """
                arn:aws:sts::111122223333:assumed-role/r/session
                700000
                700000
                403 True
                AWS.SimpleQueueService.NonExistentQueue

                """)
    }
}
