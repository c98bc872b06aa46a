// @ts-check
/** Says on stderr what went wrong. @param {unknown} error */
export const complain = (error) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
};
