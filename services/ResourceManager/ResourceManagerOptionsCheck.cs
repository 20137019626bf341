using System.ComponentModel.DataAnnotations;
using A2A.Micro.ResourceManager.Policy;
using Microsoft.Extensions.Options;

namespace A2A.Micro.ResourceManager;

/// <summary>Refuses options out of their range at start, in one sentence per option that names the environment variable.</summary>
internal sealed class ResourceManagerOptionsCheck : IValidateOptions<ResourceManagerOptions>
{
    public ValidateOptionsResult Validate(string? name, ResourceManagerOptions options)
    {
        List<ValidationResult> wrong = [];
        _ = Validator.TryValidateObject(options, new ValidationContext(options), wrong, validateAllProperties: true);
        if (options.SweepInterval > options.Lease)
        {
            wrong.Add(new ValidationResult("must not be longer than the lease", [nameof(options.SweepInterval)]));
        }

        wrong.AddRange(Wrong(options.DefaultQuota, nameof(options.DefaultQuota)));
        wrong.AddRange(options.Quotas.SelectMany(own => Wrong(own.Value, $"{nameof(options.Quotas)}__{own.Key}")));
        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(result =>
                $"A2A__ResourceManager__{result.MemberNames.First()} is not valid: {result.ErrorMessage}"));
    }

    private static IEnumerable<ValidationResult> Wrong(QuotaSetting quota, string name)
    {
        if (!(quota.Weight is >= 0.001 and <= 1000)) { yield return new ValidationResult("0.001 to 1000", [name + "__Weight"]); }
        foreach (var (amounts, which) in new[] { (quota.Guaranteed, "__Guaranteed"), (quota.Limit, "__Limit") })
        {
            double?[] all = [amounts?.Slots, amounts?.CpuCores, amounts?.MemoryGb, amounts?.StorageGb, amounts?.GpuUnits];
            if (Array.Exists(all, amount => amount is { } said && !(said is >= 0 and <= 1e9)))
            {
                yield return new ValidationResult("amounts from 0 to 1000000000", [name + which]);
            }
        }
    }
}
