using System.Text.Json;
using A2A.Micro.Contracts.States;
using A2A.Micro.Contracts.Tasks;

namespace A2A.Micro.AgentSdk.Attempts;

/// <summary>Where a <see cref="TaskContext"/> hands its reports: the bus, or a test's notebook.</summary>
internal interface ITaskReports
{
    /// <summary>Takes note of the newest progress; never waits, never throws.</summary>
    void Progress(double fraction, string? message);

    /// <summary>Sends a partial result and its token, and waits until they are sent.</summary>
    Task Partial(JsonElement? data, double portion, string? resumeToken, CancellationToken cancellationToken);

    /// <summary>Sends a question to the submitter, and waits until it is sent.</summary>
    Task Ask(InputQuestion question, CancellationToken cancellationToken);

    /// <summary>Hands in a child, and waits until it is sent.</summary>
    Task Submit(SubmitTask child, CancellationToken cancellationToken);

    /// <summary>Asks to be told of the end of a child, and waits until that is sent.</summary>
    Task Watch(string childId, CancellationToken cancellationToken);

    /// <summary>What a result is: itself, or what it refers to.</summary>
    /// <exception cref="InvalidDataException">It is gone.</exception>
    Task<JsonElement?> Fetch(JsonElement? value, CancellationToken cancellationToken);

    /// <summary>Changes what agents share, and waits for what became of it.</summary>
    Task<StateUpdated> Update(UpdateState update, CancellationToken cancellationToken);

    /// <summary>Reads what agents share.</summary>
    Task<StateRead> Read(ReadState question, CancellationToken cancellationToken);
}
