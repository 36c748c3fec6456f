import { type StackConfig } from "../config/stack";
import { type Options } from "../policy/model/options";
import { ownStackOptions } from "../policy/pack/ownStack";

/** What the objects of a stack do not say by themselves. */
export function stackOptions(config: StackConfig): Options {
  return { ...ownStackOptions({ ...config }), minSampling: config.tracing.sampling };
}
