import { expect, it } from "vitest";
import { declaredProtocol } from "../../../policy/model/portProtocol";

it.each<[object, string | undefined, string]>([
  [{ name: "http" }, "http", "name http"],
  [{ name: "HTTP2-web" }, "http2", "name HTTP2-web"],
  [{ name: "grpc-otlp" }, "grpc", "name grpc-otlp"],
  [{ name: "grpc-web" }, "grpc-web", "name grpc-web"],
  [{ name: "grpc-web-ui" }, "grpc-web", "name grpc-web-ui"],
  [{ name: "tcp-otlp", appProtocol: "GRPC" }, "grpc", "appProtocol GRPC"],
  [{ name: "http", appProtocol: "kubernetes.io/h2c" }, "http2", "appProtocol kubernetes.io/h2c"],
  [{ name: "http", appProtocol: "example.com/mine" }, undefined, "appProtocol example.com/mine"],
  [{ name: "otlp-grpc" }, undefined, "name otlp-grpc"],
  [{ name: "httpx" }, undefined, "name httpx"],
  [{}, undefined, "name "],
])("a port %j has protocol %s by its %s", (port, protocol, from) => {
  expect(declaredProtocol({ ...port })).toEqual({ protocol, from });
});
