// The browser's storage under our own prefix: other GraphiQLs on the same host keep their tabs, and so do we.
export function storage(prefix) {
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  return {
    clear: () => keys().forEach((key) => localStorage.removeItem(key)),
    getItem: (key) => localStorage.getItem(prefix + key),
    get length() {
      return keys().length;
    },
    removeItem: (key) => localStorage.removeItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
  };
}
