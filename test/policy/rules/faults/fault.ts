/** A row of the fault table. */
import { type Options } from "../../../../policy/options";
import { type Mesh } from "../fixture";

export interface Fault {
  name: string;
  breaks: (mesh: Mesh) => unknown;
  /** What the mesh has before it is broken and `breaks` adds too: the rule's page does not show it as the fault. */
  before?: (mesh: Mesh) => unknown;
  rule: string;
  /** `Kind namespace/name` of the finding. */
  object: string;
  /** @default error */
  level?: "warning";
  /** More options than the stack's. */
  options?: Options;
  /** Whether the rule's page shows this one. @default the first of the rule */
  example?: true;
}
