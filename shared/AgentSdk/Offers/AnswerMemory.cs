using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Offers;

/// <summary>
/// The answers to the last offers, so that an offer which the bus delivers again gets the same answer and no second run. Not
/// safe from several threads.
/// </summary>
internal sealed class AnswerMemory(int size)
{
    private readonly Dictionary<AttemptKey, TaskRejected?> answers = [];
    private readonly Queue<AttemptKey> order = [];

    /// <summary>Keeps an answer; null means accepted. The oldest one is forgotten when there are too many.</summary>
    public void Keep(AttemptKey key, TaskRejected? rejection)
    {
        if (!answers.TryAdd(key, rejection)) { return; }
        order.Enqueue(key);
        if (order.Count > size) { _ = answers.Remove(order.Dequeue()); }
    }

    /// <summary>The answer that was given; false when there was none or it is forgotten.</summary>
    public bool TryRecall(AttemptKey key, out TaskRejected? rejection) => answers.TryGetValue(key, out rejection);
}

/// <summary>One attempt at one task.</summary>
internal readonly record struct AttemptKey(string TaskId, int Attempt);
