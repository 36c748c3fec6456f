/** What a finding says, beside its object. */
import { type Finding } from "../../../../policy/finding";

/** By the names of faults. */
export type Messages = Readonly<Record<string, Pick<Finding, "message" | "fix">>>;
