// Every test starts a whole system of processes; two at once would measure the machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
