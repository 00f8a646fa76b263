/** The value of `name=value` on the command line, or the fallback. */
export function argument(name, fallback) {
  const found = process.argv.find((each) => each.startsWith(`${name}=`));
  return found === undefined ? fallback : found.slice(name.length + 1);
}

/** As {@link argument}, for numbers. */
export const numberArgument = (name, fallback) => Number(argument(name, fallback));
