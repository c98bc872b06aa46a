import type { Environment } from '../engine/ports';

/** The variables of a process, passed in so that tests own them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Looks names up in the given variables; an empty variable counts as not set. */
export function createEnvironment(variables: Variables): Environment {
  return {
    variable: (name) => variableIn(variables, name),
  };
}

/** The value of a variable, or undefined when it is not set or empty. */
export function variableIn(variables: Variables, name: string): string | undefined {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  return value === '' ? undefined : value;
}
