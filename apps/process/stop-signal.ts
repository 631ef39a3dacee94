/** Resolves with the reason when somebody wants this process to stop: a signal, or the end of its supervisor. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => resolve(signal));
    if (process.connected) process.once('disconnect', () => resolve('its supervisor is gone'));
  });
}
