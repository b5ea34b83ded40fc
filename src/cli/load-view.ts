/**
 * Loads a view. React chooses between its two builds when it is loaded, by NODE_ENV; with the one for development a frame
 * takes a quarter more time. What the process starts later does not see the variable.
 */
export async function loadView<T>(load: () => Promise<T>): Promise<T> {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  try {
    return await load();
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}
