/** Paths of URLs, and what stands in for something in them. */

/** The path on which Jaeger receives Zipkin v2 spans. @see https://zipkin.io/zipkin-api/ */
export const zipkinPath = "/api/v2/spans";

/** The path on which collectors receive traces by OTLP over HTTP. @see https://opentelemetry.io/docs/specs/otlp/ */
export const otlpTracesPath = "/v1/traces";

/** Where the id of a trace goes in the address of a log search. */
export const traceIdPlace = "{traceId}";

/**
 * The paths on which an ACME authority asks for proof that a host is ours.
 * @see https://datatracker.ietf.org/doc/html/rfc8555#section-8.3
 */
export const acmeChallengePath = "/.well-known/acme-challenge/";
