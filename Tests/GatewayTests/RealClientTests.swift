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

    static let hasTools = has("openssl version") && has("curl --version")

    @Test("over TLS, with a certificate of its own", .enabled(if: hasTools, "openssl or curl is not installed"))
    func tls() async throws {
        let folder = NSTemporaryDirectory() + "millrace-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (key, certificate) = ("\(folder)/key.pem", "\(folder)/certificate.pem")
        let made = Self.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
                + "-keyout \(key) -out \(certificate)", [:])
        try #require(made.status == 0, "\(made.output)")
        var configuration = GatewayConfiguration()
        configuration.port = 0
        configuration.tls = TLSFiles(certificateChain: certificate, privateKey: key)
        let objects = MemoryObjects()
        let gateway = Gateway(configuration, services: [S3.service(objects)])
        let port = try await gateway.start()
        let file = "\(folder)/content"
        let content = Data((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try content.write(to: URL(fileURLWithPath: file))
        let url = "https://localhost:\(port)/b/k.stream"
        let curl = "curl -sS --cacert \(certificate) --max-time 20"
        let answer = Self.run(
            "\(curl) -T \(file) \(url) && \(curl) \(url) | cmp - \(file) && \(curl) \(url) | cmp - \(file) && echo same",
            [:])
        #expect(answer.output == "same\n")
        let plain = Self.run("curl -sS --max-time 5 http://localhost:\(port)/b/k", [:])
        #expect(plain.status != 0)
        await gateway.stop()
        configuration.tls?.privateKey = certificate
        let broken = Gateway(configuration, services: [])
        await #expect(throws: GatewayError.self) { _ = try await broken.start() }
        await broken.stop()
    }

    private static let legacy = """
        import boto3, time, urllib.request, urllib.error
        from botocore.config import Config
        s3 = boto3.client('s3', config=Config(signature_version='s3', s3={'addressing_style': 'path'}))
        boto3.client('s3').put_object(Bucket='b', Key='k', Body=b'x')
        url = s3.generate_presigned_url('get_object', Params={'Bucket': 'b', 'Key': 'k', 'ResponseContentType': 'a/b'}, ExpiresIn=60)
        print(urllib.request.urlopen(url).read())
        for bad in (url.replace('Signature=', 'Signature=A'), s3.generate_presigned_url('get_object', Params={'Bucket': 'b', 'Key': 'k'}, ExpiresIn=-5)):
            try:
                urllib.request.urlopen(bad)
            except urllib.error.HTTPError as error:
                print(error.code, error.read().split(b'Message>')[1])
        """

    @Test("addresses that are presigned the older way", .enabled(if: hasBoto, "boto3 is not installed"))
    func legacyAddresses() async throws {
        let answer = try await Self.answers("python3 - <<'END'\n\(Self.legacy)\nEND")
        let lines = answer.output.split(separator: "\n")
        try #require(lines.count == 3, "\(answer.output)")
        #expect(lines[0] == "b'x'")
        #expect(lines[1].hasPrefix("403") && lines[1].contains("does not match the signature"))
        #expect(lines[2].hasPrefix("403") && lines[2].contains("Request has expired"))
    }
}
