import type { ErrorCode } from '../model/errors';

/** One channel between page and main process: its kind, and by type what goes over it. */
export interface Call<Kind extends 'query' | 'command' | 'event', Input, Output> {
  readonly kind: Kind;
  /** Phantom members: they carry types, never values. */
  readonly input?: Input;
  readonly output?: Output;
}

/** The page asks; nothing changes. */
export const query = <Input, Output>(): Call<'query', Input, Output> => ({ kind: 'query' });
/** The page wants something done. */
export const command = <Input, Output>(): Call<'command', Input, Output> => ({ kind: 'command' });
/** The main process tells. */
export const event = <Output>(): Call<'event', never, Output> => ({ kind: 'event' });

/** The part of the contract that is called rather than listened to. */
export type CallNames<Calls> = {
  [C in keyof Calls]: Calls[C] extends { readonly kind: 'event' } ? never : C;
}[keyof Calls];
/** What a call takes. */
export type CallInput<Call> = Call extends { readonly input?: infer I } ? I : never;
/** What a call answers, or an event tells. */
export type CallOutput<Call> = Call extends { readonly output?: infer O } ? O : never;
/** One function per query and command. */
export type HandlersOf<Calls> = {
  readonly [C in CallNames<Calls>]: (input: CallInput<Calls[C]>) => Promise<CallOutput<Calls[C]>>;
};

/** What came of a command. */
export type CommandResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: ErrorCode;
      readonly message: string;
      readonly field?: 'url' | 'token';
    };
