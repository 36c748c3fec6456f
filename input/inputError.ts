/** Bad input of a command: told in one message without a stack trace, exit code 2. */
export class InputError extends Error {}
