/** What a finding says, beside its object. */
import { type Finding } from "../../../../findings/finding";

/** By the names of faults. */
export type Messages = Readonly<Record<string, Pick<Finding, "message" | "fix">>>;
