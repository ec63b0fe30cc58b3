/** The command cannot be understood; the message says what can be. */
export class UsageError extends Error {}

/** Somebody wants to know what can be asked for. */
export class HelpAsked extends Error {}
