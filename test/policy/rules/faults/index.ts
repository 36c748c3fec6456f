/** The fault table: one mutation a row, the rule that must find it, and the object it must name. */
import { applications } from "./applications";
import { collectors } from "./collectors";
import { type Fault } from "./fault";
import { instrumentations } from "./instrumentations";
import { jaegers } from "./jaegers";
import { kialis } from "./kialis";
import { meshes } from "./meshes";
import { outside } from "./outside";
import { paths } from "./paths";
import { uis } from "./uis";
import { stores } from "./stores";

export const faults: readonly Fault[] = [
  ...paths,
  ...collectors,
  ...meshes,
  ...applications,
  ...instrumentations,
  ...outside,
  ...jaegers,
  ...kialis,
  ...uis,
  ...stores,
];
