using A2A.Micro.Persistence;
using A2A.Micro.Security;
using A2A.Micro.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace A2A.Micro.Gateway.Access;

/// <summary>What the door needs.</summary>
internal static class AccessRegistration
{
    public static void AddAccess(this IServiceCollection services, HostSetup setup)
    {
        _ = services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        _ = services.AddSingleton<IValidateOptions<SecurityOptions>, IssuersCheck>()
            .AddSingleton<Openness>()
            .AddSingleton<AccessAudit>()
            .AddSingleton<GrantDesk>()
            .AddHostedService<OpennessNotice>()
            .AddIdentity(setup.Stores, setup.Configuration);
        if (setup.Stores == StoreKind.Postgres) { _ = services.AddHostedService<SubmissionAudit>(); }
    }

    private sealed class IssuersCheck(IHostEnvironment environment) : IValidateOptions<SecurityOptions>
    {
        public ValidateOptionsResult Validate(string? name, SecurityOptions options)
        {
            var objections = options.Issuers.Index()
                .Select(one => one.Item.Objection(environment.IsDevelopment()) is { } said ? $"Security__Issuers__{one.Index}: {said}." : null)
                .OfType<string>().ToList();
            if (options.AdminKeyFile is { Length: > 0 } file && Objection(file, environment) is { } wrong) { objections.Add(wrong); }
            return objections.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(objections);
        }

        private static string? Objection(string file, IHostEnvironment environment)
        {
            if (!File.Exists(file)) { return $"Security__AdminKeyFile: {file} does not exist."; }
            return environment.IsProduction() && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0
                ? $"Security__AdminKeyFile: {file} can be read by everybody on this machine: chmod o-r it."
                : null;
        }
    }
}
