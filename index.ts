/** What `pulumi` runs. It calls the exported function; the program itself is in `program.ts`. */
import { deployTracing } from "./program";

export = deployTracing;
