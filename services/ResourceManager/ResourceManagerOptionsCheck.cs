using System.ComponentModel.DataAnnotations;
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

        return wrong.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(wrong.Select(result =>
                $"A2A__ResourceManager__{result.MemberNames.First()} is not valid: {result.ErrorMessage}"));
    }
}
