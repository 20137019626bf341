using A2A.Micro.Scheduler;
using A2A.Micro.ServiceDefaults;

await MicroHost.Run(args, new SchedulerModule());
