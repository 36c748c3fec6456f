/** Variations of the healthy mesh that are as healthy: none may have a finding. */
import { instrumentations } from "./instrumentations";
import { kialis } from "./kialis";
import { paths } from "./paths";
import { settings } from "./settings";
import { sources } from "./sources";
import { stores } from "./stores";
import { uis } from "./uis";
import { type Variation } from "./variation";

export const variations: readonly Variation[] = [
  ...paths,
  ...settings,
  ...sources,
  ...instrumentations,
  ...kialis,
  ...uis,
  ...stores,
];
