// Most of these tests wait for a host or for a time that passes; more of them than there are cores can do so at once.
[assembly: CollectionBehavior(MaxParallelThreads = 4)]
