using System.Text.Json;
using A2A.Micro.Contracts.Agents;
using A2A.Micro.Contracts.Errors;
using A2A.Micro.Contracts.Resources;
using A2A.Micro.Contracts.Tasks;
using A2A.Micro.Contracts.Wire;
using A2A.Micro.ResourceManager.Ledger;
using A2A.Micro.Security.Encryption;

namespace A2A.Micro.ResourceManager.Agents;

/// <summary>What an agent may say about itself. Pure.</summary>
public static class Announcements
{
    /// <summary>Most types and patterns of one agent.</summary>
    public const int TypesMax = 256;

    /// <summary>Longest schema in characters.</summary>
    public const int SchemaMax = 64 * 1024;

    private const int DescriptionMax = 1000;

    private const int DevicesMax = 4096;

    /// <summary>Most tasks of one agent at once.</summary>
    public const int SlotsMax = 10_000;

    /// <summary>The announcement in the ledger's own terms.</summary>
    /// <exception cref="ProtocolException">MSG001, with every field that is wrong; the message is parked.</exception>
    public static Announcement Read(AnnounceAgent said)
    {
        List<FieldError> wrong = [];
        void Require(bool holds, string pointer, string detail)
        {
            if (!holds) { wrong.Add(new FieldError(pointer, detail, ErrorKind.Validation.Code)); }
        }

        Require(TaskRules.IsAgentId(said.AgentId), "#/agent_id", "1 to 64 characters from A-Z a-z 0-9 . _ -");
        Require(said.Incarnation > 0, "#/incarnation", "a positive number, larger with every start");
        Require(said.Capabilities.Count is > 0 and <= TypesMax, "#/capabilities", $"1 to {TypesMax} of them");
        for (var i = 0; i < Math.Min(said.Capabilities.Count, TypesMax); i++)
        {
            Require(TypePattern.IsPattern(said.Capabilities[i].TaskType), $"#/capabilities/{i}/task_type",
                "a task type, or one that ends in .* for all below it, or *");
            wrong.AddRange(Check(said.Capabilities[i], $"#/capabilities/{i}"));
        }

        Require(said.Capacity.Slots is >= 1 and <= SlotsMax, "#/capacity/slots", $"1 to {SlotsMax}");
        Require(IsAmount(said.Capacity.CpuCores, 65_536), "#/capacity/cpu_cores", "0 to 65536");
        Require(IsAmount(said.Capacity.MemoryGb, 1_048_576), "#/capacity/memory_gb", "0 to 1048576");
        Require(IsAmount(said.Capacity.StorageGb, 16_777_216), "#/capacity/storage_gb", "0 to 16777216");
        Require(said.Capacity.GpuUnits is >= 0 and <= 4096, "#/capacity/gpu_units", "0 to 4096");
        CheckDevices(said.Capacity.GpuIds, wrong);
        CheckLabels(said.Labels, wrong);
        Require(said.SealingKey is null || AgentKey.IsPublic(said.SealingKey), "#/sealing_key", "an uncompressed point on P-256, base64url");
        if (wrong.Count > 0)
        {
            throw new ProtocolException(ErrorKind.Validation,
                "the announcement is not valid: "
                    + string.Join("; ", wrong.Select(error => error.Pointer + " " + error.Detail)),
                [.. wrong]);
        }

        return new Announcement(
            said.AgentId,
            said.Incarnation,
            [.. said.Capabilities.SelectMany(Types).Distinct()],
            Quantities.From(said.Capacity),
            JsonSerializer.Serialize(said.Capabilities, WireJson.Options),
            said.Version,
            said.Labels,
            said.Capacity.GpuIds,
            said.TakesBulk == true);
    }

    private static void CheckDevices(IReadOnlyList<string>? devices, List<FieldError> wrong)
    {
        const string pointer = "#/capacity/gpu_ids";
        if (devices is null) { return; }
        if (devices.Count > DevicesMax) { wrong.Add(new FieldError(pointer, $"at most {DevicesMax}", ErrorKind.Validation.Code)); }
        if (devices.Any(device => device is not { Length: > 0 and <= 64 }
            || !device.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-')))
        {
            wrong.Add(new FieldError(pointer, "each 1 to 64 characters from A-Z a-z 0-9 . _ : -", ErrorKind.Validation.Code));
        }

        if (devices.Distinct(StringComparer.Ordinal).Count() < devices.Count)
        {
            wrong.Add(new FieldError(pointer, "each device once", ErrorKind.Validation.Code));
        }
    }

    private static void CheckLabels(IReadOnlyDictionary<string, string>? labels, List<FieldError> wrong)
    {
        void Wrong(string detail) => wrong.Add(new FieldError("#/labels", detail, ErrorKind.Validation.Code));

        if (labels is null) { return; }
        if (labels.Count > AgentLabels.CountMax) { Wrong($"at most {AgentLabels.CountMax}"); }
        if (!labels.Keys.All(AgentLabels.IsName)) { Wrong("each name " + AgentLabels.NameForm); }
        if (!labels.Values.All(AgentLabels.IsValue)) { Wrong("each value " + AgentLabels.ValueForm); }
        if (labels.Keys.Any(name => name.StartsWith(AgentLabels.ReservedPrefix, StringComparison.Ordinal)))
        {
            Wrong($"names that begin with {AgentLabels.ReservedPrefix} are the system's");
        }
    }

    // Whoever does version 2 does what is asked for without a version, and what is asked for as @2.
    private static IEnumerable<string> Types(AgentCapability capability) =>
        capability.Version is { } version && !capability.TaskType.EndsWith('*')
            ? [capability.TaskType, TaskTypeName.Join(capability.TaskType, version)]
            : [capability.TaskType];

    private static IEnumerable<FieldError> Check(AgentCapability capability, string pointer)
    {
        if (capability.TaskType.Contains('@', StringComparison.Ordinal)) { yield return Wrong("/task_type", "the version goes into version"); }
        if (capability.Version is { } version && !TaskTypeName.IsVersion(version))
        {
            yield return Wrong("/version", $"1 to {TaskTypeName.VersionLengthMax} characters from A-Z a-z 0-9 . _ -");
        }

        if (capability.Description is { Length: > DescriptionMax }) { yield return Wrong("/description", $"at most {DescriptionMax} characters"); }
        if (capability.ParametersSchema?.GetRawText().Length > SchemaMax) { yield return Wrong("/parameters_schema", $"at most {SchemaMax} characters"); }
        if (capability.ResultSchema?.GetRawText().Length > SchemaMax) { yield return Wrong("/result_schema", $"at most {SchemaMax} characters"); }
        if (capability.Sensitive is { } marked && (marked.Count > 64 || marked.Any(path => path is not { Length: > 0 and <= 256 } || path[0] != '/')))
        {
            yield return Wrong("/sensitive", "at most 64 JSON pointers such as /api_key");
        }

        foreach (var error in capability.Profile?.Check(pointer + "/profile") ?? []) { yield return error; }

        FieldError Wrong(string member, string detail) => new(pointer + member, detail, ErrorKind.Validation.Code);
    }

    private static bool IsAmount(double amount, double max) => double.IsFinite(amount) && amount >= 0 && amount <= max;
}
