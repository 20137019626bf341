using System.Text.Json;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Gateway.Tasks;

namespace A2A.Micro.Gateway.Batches;

/// <summary>One task of a batch as far as it can be read.</summary>
public sealed record BatchItem
{
    /// <summary>Its place, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>What was sent.</summary>
    public required JsonElement Body { get; init; }

    /// <summary>Its local name, when it has one that can be read.</summary>
    public string? Name { get; init; }

    /// <summary>Its id, chosen or made.</summary>
    public required string TaskId { get; init; }

    /// <summary>The command; null when something is wrong with it.</summary>
    public SubmitTask? Task { get; init; }

    /// <summary>Everything that is wrong, with pointers from the root of the batch.</summary>
    public IReadOnlyList<FieldError> Errors { get; init; } = [];

    /// <summary>Nothing is wrong with it but that it needs another one which is refused.</summary>
    public bool IsDragged { get; init; }

    /// <summary>What would have been the command, if nobody could run it.</summary>
    public RefusedSubmission? Refused { get; init; }

    /// <summary>What a person calls it.</summary>
    public string Called => Name ?? TaskId;

    /// <summary>What is wrong with many that are refused together: the causes, without what only follows from them.</summary>
    public static IReadOnlyList<FieldError> Mistakes(IEnumerable<BatchItem> items) =>
        [.. items.Where(item => !item.IsDragged).SelectMany(item => item.Errors)];

    /// <summary>Where it stands in the body.</summary>
    public static string PointerOf(int index) => $"#/tasks/{index}";

    /// <summary>The same, refused for one more reason.</summary>
    public BatchItem Refuse(string place, string detail, ErrorKind? kind = null) => this with
    {
        Task = null,
        Errors = [.. Errors, new FieldError(PointerOf(Index) + place, detail, (kind ?? ErrorKind.Validation).Code)],
    };
}
