// An adapter's methods as an object to spread, so that a test can put one of its own in the place of one.

/** The methods of an instance's class, bound to the instance: private fields are found. */
export function methodsOf<T extends object>(instance: T): T {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(instance)).filter(
    (name) => name !== "constructor",
  );
  const methods = names.flatMap((name) => {
    const value: unknown = Reflect.get(instance, name, instance);
    return typeof value === "function" ? [[name, value.bind(instance)] as const] : [];
  });
  return Object.fromEntries(methods) as T;
}
