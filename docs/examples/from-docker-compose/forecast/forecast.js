// Stands for a program of your own: it finds its site in the environment, and stops when it is told to.
process.stdout.write(`forecasting from ${process.env.DDS_BROKERS}, schemas at ${process.env.DDS_REGISTRY}\n`);
const idle = setInterval(() => {}, 60_000);
process.once('SIGTERM', () => clearInterval(idle));
