/** A value that can be read now and watched for changes. */
export interface Store<T> {
  get(): T;
  /** Calls `listen` after every change; returns the function that stops it. */
  subscribe(listen: (value: T) => void): () => void;
}

export interface WritableStore<T> extends Store<T> {
  set(value: T): void;
}

/** A store whose listeners hear of a new value only when `same` says that it differs. */
export function createStore<T>(initial: T, same: (a: T, b: T) => boolean = Object.is): WritableStore<T> {
  let current = initial;
  const listeners = new Set<(value: T) => void>();
  return {
    get: () => current,
    set(value) {
      if (same(current, value)) return;
      current = value;
      for (const listen of [...listeners]) listen(value);
    },
    subscribe(listen) {
      listeners.add(listen);
      return () => void listeners.delete(listen);
    },
  };
}
