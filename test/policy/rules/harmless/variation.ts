/** A variation of the healthy mesh that is as healthy. */
import { type Options } from "../../../../policy/options";
import { type Mesh } from "../fixture";

export interface Variation {
  name: string;
  varies: (mesh: Mesh) => unknown;
  options?: Options;
}
