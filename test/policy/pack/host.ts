/**
 * The pack in Pulumi's own policy host: the process that the language host starts for a pack, spoken to over
 * gRPC as the engine does.
 */
import { type ChildProcess, spawn } from "node:child_process";
import * as path from "node:path";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { plainProps } from "../../../policy/pack/unknowns";
import { type Resource } from "../../../policy/pack/resources";

export const root = path.resolve(__dirname, "../../..");

/** A diagnostic as the engine prints it. */
export interface Diagnostic {
  policy: string;
  level: string;
  severity: string;
  message: string;
  urn: string;
}

/** Levels as the engine sends them, by the names that configurations have. */
const levels = {
  advisory: proto.EnforcementLevel.ADVISORY,
  mandatory: proto.EnforcementLevel.MANDATORY,
  disabled: proto.EnforcementLevel.DISABLED,
  remediate: proto.EnforcementLevel.REMEDIATE,
} as const;

export class PolicyHost {
  private constructor(
    private readonly process: ChildProcess,
    private readonly client: AnalyzerClient,
  ) {}

  /**
   * Starts the pack.
   * @param configuration the stack's, texts by full key
   * @param directory where the project is
   */
  static async start(
    configuration: Readonly<Record<string, string>> = {},
    directory = root,
  ): Promise<PolicyHost> {
    const pack = path.join(directory, "policy");
    const child = spawn(
      process.execPath,
      [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:0", pack],
      {
        cwd: pack,
        env: { ...process.env, PULUMI_CONFIG: JSON.stringify(configuration) },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the policy host ended with code ${code}`)));
      child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString().trim())));
    });
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new PolicyHost(child, client);
  }

  stop(): void {
    this.client.close();
    this.process.kill();
  }

  async info(): Promise<proto.AnalyzerInfo.AsObject> {
    const info = await call<proto.AnalyzerInfo>((reply) => this.client.getAnalyzerInfo(new Empty(), reply));
    return info.toObject();
  }

  /** Sets levels and limits by policy, whole: what is not named goes back to its default. */
  async configure(config: Record<string, { level: keyof typeof levels; limits?: object }>): Promise<void> {
    const request = new proto.ConfigureAnalyzerRequest();
    for (const [name, { level, limits = {} }] of Object.entries(config)) {
      const entry = new proto.PolicyConfig();
      entry.setEnforcementlevel(levels[level]);
      entry.setProperties(structOf(limits));
      request.getPolicyconfigMap().set(name, entry);
    }
    await call((reply) => this.client.configure(request, reply));
  }

  async analyzeStack(resources: readonly Resource[]): Promise<Diagnostic[]> {
    const request = new proto.AnalyzeStackRequest();
    request.setResourcesList(
      resources.map(({ type, urn, name, props, parent }) => {
        const message = new proto.AnalyzerResource();
        message.setType(type);
        message.setUrn(urn);
        message.setName(name);
        message.setProperties(structOf(plainProps(props)));
        message.setOptions(new proto.AnalyzerResourceOptions());
        message.setParent(parent?.urn ?? "");
        return message;
      }),
    );
    return diagnosticsOf(await call((reply) => this.client.analyzeStack(request, reply)));
  }

  async analyze(resource: Resource): Promise<Diagnostic[]> {
    return diagnosticsOf(await call((reply) => this.client.analyze(requestOf(resource), reply)));
  }

  /** The properties after the pack's remediations; undefined if none changed anything. */
  async remediate(resource: Resource): Promise<Record<string, JavaScriptValue> | undefined> {
    const reply = await call<proto.RemediateResponse>((done) =>
      this.client.remediate(requestOf(resource), done),
    );
    return reply.getRemediationsList().at(-1)?.getProperties()?.toJavaScript();
  }
}

function requestOf({ type, urn, name, props }: Resource): proto.AnalyzeRequest {
  const request = new proto.AnalyzeRequest();
  request.setType(type);
  request.setUrn(urn);
  request.setName(name);
  request.setProperties(structOf(plainProps(props)));
  request.setOptions(new proto.AnalyzerResourceOptions());
  return request;
}

function diagnosticsOf(response: proto.AnalyzeResponse): Diagnostic[] {
  const nameOf = (names: object, value: number): string =>
    Object.entries(names)
      .find(([, number]) => number === value)?.[0]
      .toLowerCase() ?? "";
  return response.getDiagnosticsList().map((diagnostic) => ({
    policy: diagnostic.getPolicyname(),
    level: nameOf(proto.EnforcementLevel, diagnostic.getEnforcementlevel()),
    severity: nameOf(proto.PolicySeverity, diagnostic.getSeverity()).replace("policy_severity_", ""),
    message: diagnostic.getMessage(),
    urn: diagnostic.getUrn(),
  }));
}

function structOf(value: object): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)) as Record<string, JavaScriptValue>);
}

function call<T>(send: (reply: (error: grpc.ServiceError | null, response: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    send((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}
